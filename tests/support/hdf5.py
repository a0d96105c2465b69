"""Files of ours changed from outside."""

import h5py

from bdg.store.safety.digests import SHA256


def without_digests(file):
    """Take the SHA-256 of each dataset away, so that what lies behind this check is reached."""

    def remove(_, member):
        if isinstance(member, h5py.Dataset):
            member.attrs.pop(SHA256, None)

    file.visititems(remove)
