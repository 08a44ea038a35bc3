"""Zhang et al., "Personalized Image Aesthetics Assessment via Joint Regression and Ranking"."""
