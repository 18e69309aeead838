"""Flashes counted from the rule alone, in frames as they are shown: to judge the guard by.

WCAG 2.2, "general flash and red flash thresholds" (w3.org/TR/WCAG22, dfn-general-flash-and-red-flash-thresholds): a
transition is a change of relative luminance by 0.1 or more between a peak and a valley, the darker below 0.80; a
flash is a pair of opposing transitions; more than three in any one second may not cover more than a quarter of any 10
degrees, a third of the width and of the height. Red: (R - G - B) x 320 changes by more than 20, in the words of WCAG
2.0 and 2.1; here whether or not that red is saturated. Broadcasters (ITU-R BT.1702) count for the screen as a whole:
transitions that more than a quarter of it makes at a time, wherever.
"""
import numpy as np

THIRD, QUARTER = 3, 0.25


def light(frames):
    """Return linear light of 8-bit sRGB."""
    shown = np.asarray(frames)[..., :3] / 255.0
    return np.where(shown <= 0.04045, shown / 12.92, ((shown + 0.055) / 1.055) ** 2.4).astype('f4')


def luminance(frames):
    return light(frames) @ np.array([0.2126, 0.7152, 0.0722], 'f4')


def redness(frames):
    linear = light(frames)
    return 320 * np.maximum(0, linear[..., 0] - linear[..., 1] - linear[..., 2])


def transitions(values, change=0.1, dark=0.8):
    """Return +1 and -1 where values[time] have risen and fallen by `change` since their last valley and peak."""
    peak, valley = values[0].copy(), values[0].copy()
    way = np.zeros(values[0].shape, int)
    found = np.zeros(values.shape, 'i1')
    for time, now in enumerate(values):
        peak, valley = np.maximum(peak, now), np.minimum(valley, now)
        rose = (way <= 0) & (now - valley >= change) & (valley < dark)
        fell = (way >= 0) & (peak - now >= change) & (now < dark)
        found[time] = rose * 1 - fell * 1
        way[rose], way[fell] = 1, -1
        peak[rose | fell] = valley[rose | fell] = now[rose | fell]
    return found


def flashes(found, fps):
    """Return how many flashes end within the second before each moment: pairs of transitions."""
    so_far = np.cumsum(np.concatenate([np.zeros((1, *found.shape[1:])), np.abs(found)]), 0)
    span = int(np.ceil(fps)) + 1        # a second, with both its ends
    return (so_far[1:] - np.concatenate([np.zeros_like(so_far[:span]), so_far[1:-span]])[:len(found)]) // 2


def worst_field(over):
    """Return the largest part of any field of 10 degrees where `over` (height, width) is true."""
    height, width = over.shape
    rows, columns = height // THIRD, width // THIRD
    sums = np.pad(np.cumsum(np.cumsum(over, 0), 1), ((1, 0), (1, 0)))
    fields = sums[rows:, columns:] - sums[:-rows, columns:] - sums[rows:, :-columns] + sums[:-rows, :-columns]
    return fields.max() / (rows * columns)


def worst_area(frames, fps, measure=luminance, change=0.1, dark=0.8):
    """Return the largest part of any field that flashes more than three times in any second."""
    over = flashes(transitions(measure(frames), change, dark), fps) > 3
    return max(worst_field(moment) for moment in over)


def worst_red_area(frames, fps):
    return worst_area(frames, fps, redness, 20, np.inf)


def screen_flashes(frames, fps):
    """Return the most flashes in any second that a quarter of the screen makes at a time, be it here or there."""
    rising = np.cumsum(transitions(luminance(frames)), 0) > 0
    return flashes(transitions(rising.mean((1, 2))[:, None], QUARTER, np.inf), fps).max()
