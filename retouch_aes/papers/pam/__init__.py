"""Ren et al., "Personalized Image Aesthetics" (ICCV 2017): attributes, content, the residual regressor."""
