"""`python -m retouch_aes.cli`, where the script `retouch-aes` is not on the path."""

from retouch_aes.cli.group import main

if __name__ == "__main__":
    main(prog_name="retouch-aes")
