"""Published works, a folder each; nothing outside imports them, they are passed in (see ``registry``).

introduccion_a_keras/    "Introducción a Keras", a practical work of 2020: ten exercises, 27 figures
"""
