"""The engine: one compiled program for many epochs and seeds of a Keras network. Only here Keras and JAX are imported.

    blocks.py        trials side by side: trained, interrupted, resumed and measured
    epochs.py        many epochs of one trial as a single XLA program, with the arithmetic of Keras's fit
    layout.py        how a block lies on the cores, and how XLA compiles it: by rule
    weights.py       initial weights, drawn by NumPy
    device.py        Keras on JAX, devices, the cache of compiled programs
    allocator.py     memory that stays with the process
    outlines.py      networks layer by layer, written down for commands that start no Keras

What replaces Keras's layers where XLA is slow on a CPU:

    cpu_layers.py    which layer is computed how
    convolution.py   pooling.py   dropout_bits.py   augmentation.py
    word_sets.py     inputs that are nearly all zeros
"""
