"""Methods and controls of ModGap, one file each."""
