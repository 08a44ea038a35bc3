"""A person's model by the paper's pipeline (Zhang et al.): similar rated photos first, then the own pairs."""
