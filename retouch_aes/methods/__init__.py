"""Personalized-aesthetics methods of the papers, one file each, behind one small interface (`method`)."""
