"""What the papers' methods share: inputs, small networks on condensed maps, a person's score."""
