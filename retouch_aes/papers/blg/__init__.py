"""BLG-PIAA: personalization by meta-learning with bilevel gradients (Zhu et al. 2020)."""
