"""The tests' environment, set before PyTorch and Hugging Face libraries read it.

One thread unless OMP_NUM_THREADS says otherwise (`make numeric` does): the tests' models are so small that threads
mostly wait for one another, and the test processes share the cores.
"""

import os

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")
