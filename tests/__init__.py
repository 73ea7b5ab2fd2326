"""The tests' environment, set before PyTorch and Hugging Face libraries read it.

One thread unless OMP_NUM_THREADS says otherwise (`make numeric` does): the tests' models are so small that threads
mostly wait for one another, and the test processes share the cores. Threads that wait sleep, because on a busy machine
those that spin take the time of the ones that they wait for.
"""

import os

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
