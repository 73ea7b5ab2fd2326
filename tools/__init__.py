"""What the repository needs beside the package: checks of a wheel, the picture of the imports, a browser."""
