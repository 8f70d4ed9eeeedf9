"""The Wisconsin breast-cancer data, split the same way each time: training rows, a hold-out set, and later patients."""

import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split

TARGET = "malignant"
SEED = 5

# What a changed instrument reads too high, and by how much.
SCALED_COLUMNS = ["worst radius", "worst perimeter", "worst area"]
SCALE = 1.5


def split():
    """Three frames of 30 measurements and the target: half of the rows, a fifth, and three tenths."""
    bunch = load_breast_cancer(as_frame=True)
    frame = bunch.data.assign(**{TARGET: (1 - bunch.target).astype(float)})
    rows = np.arange(len(frame))
    train, rest = train_test_split(rows, test_size=0.5, random_state=SEED, stratify=frame[TARGET])
    held_out, later = train_test_split(rest, test_size=0.6, random_state=SEED, stratify=frame[TARGET].iloc[rest])
    return tuple(frame.iloc[part].reset_index(drop=True) for part in (train, held_out, later))


def features(frame):
    return frame.drop(columns=[TARGET])


def through_changed_instrument(frame):
    scaled = frame.copy()
    scaled[SCALED_COLUMNS] *= SCALE
    return scaled
