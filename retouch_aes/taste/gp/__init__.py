"""A person's score as a Gaussian process on the residual of a generic one."""
