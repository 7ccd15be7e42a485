"""A setting that is not known stops the run; the later source wins."""

import stat

import pytest

from guidance_atlas.errors import SettingsError
from guidance_atlas.settings import Settings, load_settings, person_secret


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch):
    for name in ("GUIDANCE_ATLAS_SECRET", "GUIDANCE_ATLAS_CLUSTER__SEED"):
        monkeypatch.delenv(name, raising=False)


def toml(tmp_path, text):
    path = tmp_path / "settings.toml"
    path.write_text(text)
    return path


def test_options_win_over_environment_over_file_over_built_in(tmp_path, monkeypatch):
    file = toml(tmp_path, "[cluster]\nseed = 1\nleast = 20\ncomponents = 3\n")
    monkeypatch.setenv("GUIDANCE_ATLAS_CLUSTER__SEED", "2")
    monkeypatch.setenv("GUIDANCE_ATLAS_CLUSTER__COMPONENTS", "4")

    cluster = load_settings(file, cluster={"components": 6}).cluster

    assert (cluster.least, cluster.seed, cluster.components, cluster.neighbours) == (20, 2, 6, 15)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[cluster]\nsed = 1", "setting cluster.sed: extra inputs are not permitted"),
        ("[clustre]\nseed = 1", "setting clustre: extra inputs"),
        ("[protect]\nrelease_people = 0", "setting protect.release_people: input should be greater than"),
        ("[cluster]\nseed = 'x'", "setting cluster.seed: input should be a valid integer"),
        ("[cluster\n", "is not a TOML file"),
    ],
)
def test_a_bad_settings_file_stops_with_the_setting_named(tmp_path, text, complaint):
    with pytest.raises(SettingsError, match=complaint):
        load_settings(toml(tmp_path, text))


def test_a_missing_settings_file_is_an_error_and_not_the_defaults(tmp_path):
    with pytest.raises(SettingsError, match="there is no settings file"):
        load_settings(tmp_path / "none.toml")


@pytest.mark.parametrize("variable", ["GUIDANCE_ATLAS_CLUSTRE__SEED", "GUIDANCE_ATLAS_SEED"])
def test_a_misspelt_variable_stops_the_run(monkeypatch, variable):
    monkeypatch.setenv(variable, "3")

    with pytest.raises(SettingsError, match=f"no setting is called {variable}"):
        load_settings()


def test_settings_are_frozen_and_can_be_a_key():
    settings = load_settings()

    assert hash(settings) == hash(load_settings())
    with pytest.raises(Exception, match="frozen"):
        settings.cluster.seed = 3


def test_an_error_never_repeats_the_value_it_refused(tmp_path):
    with pytest.raises(SettingsError) as caught:
        load_settings(toml(tmp_path, "[cluster]\nseed = 'my password is hunter2'"))

    assert "hunter2" not in str(caught.value)


def test_the_secret_is_made_once_for_its_owner_alone(tmp_path):
    first = person_secret(tmp_path)

    assert person_secret(tmp_path) == first
    assert len(first) == 64
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600


def test_the_environment_s_secret_is_used_and_not_written(tmp_path, monkeypatch):
    monkeypatch.setenv("GUIDANCE_ATLAS_SECRET", "a secret of some length")

    assert person_secret(tmp_path) == b"a secret of some length"
    assert list(tmp_path.iterdir()) == []


def test_a_short_secret_or_one_open_to_others_is_refused(tmp_path, monkeypatch):
    person_secret(tmp_path)
    (tmp_path / "secret").chmod(0o644)
    with pytest.raises(SettingsError, match="can be read by others; run: chmod 600"):
        person_secret(tmp_path)

    monkeypatch.setenv("GUIDANCE_ATLAS_SECRET", "short")
    with pytest.raises(SettingsError, match="shorter than 16 bytes"):
        person_secret(tmp_path)


def test_every_setting_says_what_it_is():
    for name, section in Settings.model_fields.items():
        for field, info in section.annotation.model_fields.items():
            assert info.description or field == "seed", f"{name}.{field} has no description"
