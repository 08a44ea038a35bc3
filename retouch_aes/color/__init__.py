"""Pure tensor maths on `(B, 3, H, W)` images: transfer functions, colour spaces, differences, filters."""
