"""`python -m retouch_aes.cli`, where the script `retouch-aes` is not on the path."""

from retouch_aes.cli.program import program

if __name__ == "__main__":
    program()
