"""What a person needs around a lesson, and the lesson's reader does not: four rooms.

ground     errors, files, the console, TensorFlow's 1.x interface; knows none of the others
training   the folder of a training run: flags, checkpoints, history, figures, export, distortion
pictures   a person's picture in, its digits as MNIST's images out
reading    what a trained network says: of files, and of what is drawn on a page

Imports run one way: reading -> data -> pictures -> ground, and training -> ground.
"""
