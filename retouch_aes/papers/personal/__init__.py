"""One person by a method of the papers: what a backbone sees of photos, and the method as a taste."""
