"""Training of the edit prior: predict the edit that undoes what a photo suffered."""
