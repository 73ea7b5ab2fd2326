"""Speech language models: loaded, checked, run and watched inside."""
