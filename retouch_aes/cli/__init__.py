"""The command line: one file per command; each parses, calls one public function and prints."""
