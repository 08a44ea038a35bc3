"""CFAN (Wang et al.): collaborative filtering and review attention; BPR and VBPR beside it."""
