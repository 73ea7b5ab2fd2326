"""What made the things that ship; not part of the installed library."""
