"""The methods that the papers compare themselves with, one file each."""
