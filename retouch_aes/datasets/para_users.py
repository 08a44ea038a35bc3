"""What PARA says of its raters: `annotation/PARA-UserInfo.csv`, a row per person."""

from pathlib import Path

import numpy as np

from retouch_aes.datasets.rows import read_table, to_number
from retouch_aes.datasets.skipped import BAD_VALUE, DUPLICATED, INCOMPLETE, SkipLog
from retouch_aes.datasets.user_traits import UserTraits

CATEGORIES = ("age", "gender", "EducationalLevel", "artExperience", "photographyExperience")
BIG_FIVE = tuple(f"personality-{letter}" for letter in "EANOC")


def read_para_users(path: Path, log: SkipLog) -> UserTraits:
    """Age, gender, education and experience as words, the Big Five as numbers."""
    rows: dict[str, tuple[list[str], list[float]]] = {}
    count = len(CATEGORIES)
    for line, (user, *cells) in read_table(path, ("userId",), log, optional=(*CATEGORIES, *BIG_FIVE)):
        where = f"{path}:{line}"
        if not user:
            log.add(INCOMPLETE, where, "expected a user")
        elif user in rows:
            log.add(DUPLICATED, where, f"user {user} is in the table already")
        else:
            rows[user] = (cells[:count], [_number(cell, where, log) for cell in cells[count:]])
    users = tuple(sorted(rows))
    return UserTraits(
        users,
        {name: tuple(rows[user][0][place] for user in users) for place, name in enumerate(CATEGORIES)},
        {name: np.array([rows[user][1][place] for user in users]) for place, name in enumerate(BIG_FIVE)},
    )


def _number(cell: str, where: str, log: SkipLog) -> float:
    value = to_number(cell, -1e6, 1e6) if cell else np.nan
    if isinstance(value, str):
        log.add(BAD_VALUE, where, value)
        return np.nan
    return value
