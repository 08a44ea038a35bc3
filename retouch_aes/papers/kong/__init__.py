"""Kong et al., "Photo Aesthetics Ranking Network with Attributes and Content Adaptation" (ECCV 2016)."""
