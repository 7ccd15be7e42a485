"""What many tests share: the place of the development data, and an environment without stray settings."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

# No law is a race: a busy machine must not fail it. In CI the same examples are drawn every time.
settings.register_profile("project", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("project")


@pytest.fixture(scope="session", autouse=True)
def own_cache(request, tmp_path_factory):
    """What is worked out once on a machine is kept beside pytest's own cache, for all its processes and later runs."""
    cache = getattr(request.config, "cache", None)
    folder = cache.mkdir("networks") if cache else tmp_path_factory.mktemp("networks")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder))
        yield


@pytest.fixture(scope="session")
def shared():
    """The folder of development data beside the checkout; tests that need it skip where it is absent."""
    folder = Path(os.environ.get("GUIDANCE_ATLAS_SHARED", Path(__file__).parents[2] / "shared"))
    if not (folder / "data").is_dir():
        pytest.skip("the development data is not beside this checkout")
    return folder / "data"
