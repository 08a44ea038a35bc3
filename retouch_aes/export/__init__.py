"""Pictures for people: before and after side by side, contact sheets."""
