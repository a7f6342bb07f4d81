import copy

import pytest
import torch

from lcad.training.text_states import TextStates

pytestmark = pytest.mark.slow


@pytest.fixture
def encoder(tiny_model):
    encoder = tiny_model.text_encoder.eval().requires_grad_(False)
    yield encoder
    encoder.requires_grad_(True)


@pytest.fixture
def encoded(encoder):
    """How many captions the encoder was given at each of its calls."""
    counts = []
    hook = encoder.register_forward_pre_hook(lambda _, args, kwargs: counts.append(len(kwargs["input_ids"])), with_kwargs=True)
    yield counts
    hook.remove()


def ids_of(encoder, *seeds):
    length, words = encoder.config.max_position_embeddings, encoder.config.vocab_size
    return torch.stack([torch.randint(words, (length,), generator=torch.Generator().manual_seed(seed)) for seed in seeds])


def test_a_caption_is_encoded_once_while_the_encoder_does_not_learn(encoder, encoded):
    states, ids = TextStates(), ids_of(encoder, 1, 2, 1)
    given = states(encoder, ids)
    again = states(encoder, ids.flip(0))
    assert encoded == [1, 1]
    assert torch.equal(given, again.flip(0))
    assert torch.allclose(given, encoder(input_ids=ids).last_hidden_state, atol=1e-5)


def test_what_a_caption_becomes_does_not_depend_on_what_is_beside_it(encoder):
    alone = TextStates()(encoder, ids_of(encoder, 3))
    assert torch.equal(alone[0], TextStates()(encoder, ids_of(encoder, 4, 3, 5))[1])


def test_an_encoder_that_learns_is_asked_every_time_and_gets_its_gradient(encoder, encoded):
    encoder.requires_grad_(True)
    states, ids = TextStates(), ids_of(encoder, 1)
    assert states(encoder, ids).requires_grad
    states(encoder, ids)
    assert encoded == [1, 1]


def test_only_so_many_captions_are_kept_those_used_last(encoder, encoded):
    states = TextStates(most=2)
    for seed in (1, 2, 1, 3, 1, 2):
        states(encoder, ids_of(encoder, seed))
    assert len(encoded) == 4, "1, 2 and 3, and 2 once more after 3 took its place"


def test_two_encoders_do_not_share_what_is_kept(encoder, tiny_model):
    other = copy.deepcopy(encoder)
    with torch.no_grad():
        next(other.parameters()).add_(1.0)
    states, ids = TextStates(), ids_of(encoder, 1)
    assert not torch.equal(states(encoder, ids), states(other, ids))
