"""Upright digits; and random distortions: what they do to pixels, and that a seed decides them."""

import numpy as np
import pytest
from scipy import ndimage

from support.ground import tf
from support.training import augment

NOTHING = {"rotation": 0, "zoom": 0, "shear": 0, "shift": 0, "ripple": 0}
ROW, COLUMN = np.mgrid[:28, :28]


def distort(images, seed=(0, 0), **options):
    with tf.Graph().as_default(), tf.Session() as session:
        return session.run(augment.distort(tf.constant(images), list(seed), **options))


def straighten(images):
    with tf.Graph().as_default(), tf.Session() as session:
        return session.run(augment.straighten(tf.constant(images)))


def centre(images):
    """Return the centres of mass [N, 2], row and column."""
    return np.array([ndimage.center_of_mass(image.reshape(28, 28)) for image in images])


@pytest.fixture
def digits():
    """Return 40 images [40, 784] of a smooth blob, each somewhere else, values 0 to 1."""
    middles = np.random.default_rng(0).uniform(10, 18, [40, 2, 1, 1])
    squares = (ROW - middles[:, 0]) ** 2 + (COLUMN - middles[:, 1]) ** 2
    return np.exp(-squares / 8).reshape(40, 784).astype(np.float32)


@pytest.mark.parametrize("count", [1, 16, 17])
def test_no_distortion_changes_nothing_whatever_the_size_of_the_batch(digits, count):
    np.testing.assert_allclose(distort(digits[:count], **NOTHING), digits[:count], atol=2e-3)


@pytest.mark.parametrize("name", NOTHING)
def test_every_kind_of_distortion_has_an_effect_and_keeps_the_range(digits, name):
    changed = distort(digits, **NOTHING | {name: 5 if name == "rotation" else 0.5})
    assert np.abs(changed - digits).max() > 0.02
    assert 0 <= changed.min() <= changed.max() <= digits.max() + 1e-6


def test_a_shift_moves_by_the_same_distance_and_within_its_bound(digits):
    moved = distort(digits, **NOTHING | {"shift": 3}, group=1)
    distances = centre(moved) - centre(digits)
    assert 2 < np.abs(distances).max() < 3.05
    for image, result, distance in zip(digits, moved, distances, strict=True):
        expected = ndimage.shift(image.reshape(28, 28), distance, order=1, mode="nearest")
        np.testing.assert_allclose(result.reshape(28, 28), expected, atol=0.03)


def test_a_rotation_is_a_rotation_about_the_middle(digits):
    turned = distort(digits, **NOTHING | {"rotation": 30}, group=1)
    before, after = ((centre(images) - 13.5) @ [1, 1j] for images in (digits, turned))
    np.testing.assert_allclose(np.abs(before), np.abs(after), atol=0.15)
    angles = np.degrees(np.angle(after / before))[np.abs(before) > 2]  # nearer, it means little
    assert 15 < np.abs(angles).max() < 31


def test_seed_and_group_decide(digits):
    same, seeds = np.repeat(digits[:1], 8, axis=0), [(1, 2), (1, 2), (1, 3), (2, 2)]
    first, again, *others = (distort(same, seed, group=4) for seed in seeds)
    np.testing.assert_array_equal(first, again)
    np.testing.assert_array_equal(first, first[[0, 0, 0, 0, 4, 4, 4, 4]])
    for other in (first[4], others[0][0], others[1][0]):
        assert np.abs(other - first[0]).max() > 0.02


def bars(slants, width=2.0, middle=13.5):
    """Return images [N, 784] of a soft bar, eight rows up and down from the middle."""
    row, column = ROW - middle, COLUMN - middle
    at = column - np.reshape(slants, [-1, 1, 1]) * row
    ink = 250 * np.exp(-((at / width) ** 2) / 2) * (np.abs(row) <= 8)
    return ink.round().astype(np.uint8).reshape(-1, 784)


def test_a_slanted_bar_is_set_upright_where_it_is():
    upright = straighten(np.concatenate([bars([-0.6, 0, 0.5]), bars([0.4], middle=12)]))
    np.testing.assert_allclose(centre(upright).T, [[13.5, 13.5, 13.5, 12]] * 2, atol=0.1)
    expected = np.concatenate([upright[[1, 1, 1]], straighten(bars([0], middle=12))])
    np.testing.assert_allclose(upright.astype(float), expected, atol=20)  # as if never slanted


@pytest.mark.parametrize("width", [1.5, 4.0, 5.0])
def test_widths_come_half_the_way_to_the_usual_one(width):
    images = [bars([0], width), straighten(bars([0.3], width))]
    share = [image.reshape(28, 28).sum(axis=0) / image.sum() for image in images]
    before, after = (np.sqrt(each @ (COLUMN[0] - 13.5) ** 2) for each in share)
    assert after == pytest.approx(np.sqrt(before * augment.USUAL_WIDTH), rel=0.04)


def test_the_emptiest_images_are_no_trouble():
    images = np.zeros([4, 784], np.uint8)
    images[1, 0] = images[2, 783] = images[3] = 255  # a point in a corner; all ink
    upright = straighten(images)
    assert (upright.max(axis=1) > 100).tolist() == [False, True, True, True]
    assert upright[0].max() == 0
    assert straighten(images[:0]).shape == (0, 784)


def test_a_shift_by_whole_pixels_stays_one():
    image = bars([0.4]).reshape(28, 28)
    pair = np.stack([image, np.roll(image, (2, -3), (0, 1))]).reshape(2, 784)
    first, second = straighten(pair).reshape(2, 28, 28).astype(int)
    np.testing.assert_allclose(np.roll(first, (2, -3), (0, 1)), second, atol=1)
