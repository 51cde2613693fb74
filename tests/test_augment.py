"""Upright digits; and random distortions: what they do to pixels, and that a seed decides them."""

import numpy as np
import pytest
from scipy import ndimage

from support.ground import tf
from support.training import augment

NOTHING = {"rotation": 0, "zoom": 0, "shear": 0, "shift": 0, "ripple": 0}


def distort(images, seed=(0, 0), **options):
    with tf.Graph().as_default(), tf.Session() as session:
        return session.run(augment.distort(tf.constant(images), list(seed), **options))


@pytest.fixture
def digits():
    """Return 40 images [40, 784] of a smooth blob, each somewhere else, values 0 to 1."""
    row, column = np.mgrid[:28, :28]
    middles = np.random.default_rng(0).uniform(10, 18, [40, 2, 1, 1])
    squares = (row - middles[:, 0]) ** 2 + (column - middles[:, 1]) ** 2
    return np.exp(-squares / 8).reshape(40, 784).astype(np.float32)


def centre(images):
    """Return the centres of mass [N, 2], row and column."""
    return np.array([ndimage.center_of_mass(image.reshape(28, 28)) for image in images])


@pytest.mark.parametrize("count", [1, 15, 16, 17, 40])
def test_no_distortion_changes_nothing_whatever_the_size_of_the_batch(digits, count):
    np.testing.assert_allclose(distort(digits[:count], **NOTHING), digits[:count], atol=2e-3)


def test_every_kind_of_distortion_has_an_effect_and_keeps_the_range(digits):
    for name in NOTHING:
        changed = distort(digits, **NOTHING | {name: 5 if name == "rotation" else 0.5})
        assert np.abs(changed - digits).max() > 0.02, name
        assert changed.min() >= 0, name
        assert changed.max() <= digits.max() + 1e-6, name


def test_a_shift_moves_by_the_same_distance_and_within_its_bound(digits):
    moved = distort(digits, **NOTHING | {"shift": 3}, group=1)
    distances = centre(moved) - centre(digits)
    assert np.abs(distances).max() < 3.05
    assert np.abs(distances).max() > 2
    for image, result, distance in zip(digits, moved, distances, strict=True):
        expected = ndimage.shift(image.reshape(28, 28), distance, order=1, mode="nearest")
        np.testing.assert_allclose(result.reshape(28, 28), expected, atol=0.03)


def test_a_rotation_is_a_rotation_about_the_middle(digits):
    turned = distort(digits, **NOTHING | {"rotation": 30}, group=1)
    before, after = centre(digits) - 13.5, centre(turned) - 13.5
    distance, distance_after = np.hypot(*before.T), np.hypot(*after.T)
    np.testing.assert_allclose(distance, distance_after, atol=0.15)
    cosine = (before * after).sum(axis=1) / distance / distance_after
    far = distance > 2  # elsewhere an angle means little
    angles = np.degrees(np.arccos(np.clip(cosine[far], -1, 1)))
    assert angles.max() < 31
    assert angles.max() > 15


def test_seed_and_group_decide(digits):
    same, seeds = np.repeat(digits[:1], 8, axis=0), [(1, 2), (1, 2), (1, 3), (2, 2)]
    first, again, *others = (distort(same, seed, group=4) for seed in seeds)
    np.testing.assert_array_equal(first, again)
    for start in (0, 4):  # a group shares its distortion
        np.testing.assert_array_equal(first[start : start + 4], first[[start] * 4])
    for other in (first[4], others[0][0], others[1][0]):
        assert np.abs(other - first[0]).max() > 0.02


def straighten(images):
    with tf.Graph().as_default(), tf.Session() as session:
        return session.run(augment.straighten(tf.constant(images)))


def bars(slants, width=2.0, middle=13.5):
    """Return images [N, 784] of a soft bar, eight rows up and down from the middle."""
    row, column = np.mgrid[:28, :28] - middle
    at = column - np.reshape(slants, [-1, 1, 1]) * row
    ink = 250 * np.exp(-((at / width) ** 2) / 2) * (np.abs(row) <= 8)
    return ink.round().astype(np.uint8).reshape(-1, 784)


def spread(images):
    """Return the covariances [N] of row and column, and the columns' standard deviations [N]."""
    row, column = np.mgrid[:28, :28][:, None] - centre(images).T[..., None, None]
    share = images.reshape(-1, 28, 28) / images.sum(axis=1, dtype=float)[:, None, None]
    deviation = np.sqrt((share * column**2).sum(axis=(1, 2)))
    return (share * row * column).sum(axis=(1, 2)), deviation


def test_a_slanted_bar_is_set_upright_where_it_is():
    upright = straighten(np.concatenate([bars([-0.6, 0, 0.5]), bars([0.4], middle=12)]))
    covariance, _ = spread(upright)
    assert np.abs(covariance).max() < 0.3
    np.testing.assert_allclose(centre(upright).T, [[13.5, 13.5, 13.5, 12]] * 2, atol=0.1)
    for image in upright[[0, 2]]:  # as if it had never been slanted
        np.testing.assert_allclose(image.astype(float), upright[1], atol=20)


@pytest.mark.parametrize("width", [1.5, 4.0, 5.0])
def test_widths_come_half_the_way_to_the_usual_one(width):
    _, before = spread(bars([0], width))
    _, after = spread(straighten(bars([0.3], width)))
    np.testing.assert_allclose(after, np.sqrt(before * augment.USUAL_WIDTH), rtol=0.04)


def test_the_emptiest_images_are_no_trouble():
    images = np.zeros([4, 784], np.uint8)
    images[1, 0] = images[2, 783] = 255  # a point in a corner
    images[3] = 255
    upright = straighten(images)
    assert upright[0].max() == 0
    assert (upright[1:].max(axis=1) > 100).all()
    assert straighten(images[:0]).shape == (0, 784)


def test_a_shift_by_whole_pixels_stays_one():
    image = bars([0.4]).reshape(28, 28)
    shifted = np.roll(image, (2, -3), (0, 1))
    first, second = straighten(np.stack([image, shifted]).reshape(2, 784)).reshape(2, 28, 28)
    np.testing.assert_allclose(np.roll(first, (2, -3), (0, 1)).astype(int), second, atol=1)
