"""How large a small copy is; without PyTorch, for who only looks at the size of a photo."""


def proxy_size(height: int, width: int, long_side: int) -> tuple[int, int]:
    """Height and width of a copy whose long side is at most `long_side` pixels, the short side at least 1."""
    scale = min(1.0, long_side / max(height, width))
    return max(1, round(height * scale)), max(1, round(width * scale))
