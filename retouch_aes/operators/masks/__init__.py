"""Masks: where in a photo an edit applies. `masked` binds an operator to them."""
