"""PIAA-MIR and PIAA-ICI: tastes by who a person is and what a photo shows."""
