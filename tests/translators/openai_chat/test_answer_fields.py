from cliproxy.translators import ir
from cliproxy.translators.openai_chat.answer_fields import render_audio, render_citation, render_image, render_logprobs


def test_image() -> None:
    assert render_image(ir.Media("image", "image/webp", data="AA")) == {
        "type": "image_url",
        "image_url": {"url": "data:image/webp;base64,AA"},
    }
    assert render_image(ir.Media("image", url="https://a.example"))["image_url"] == {"url": "https://a.example"}


def test_audio_has_all_four_fields() -> None:
    assert render_audio(ir.Media("audio", data="AA"), "abc") == {
        "id": "audio_abc",
        "data": "AA",
        "expires_at": 0,
        "transcript": "",
    }


def test_a_citation_without_a_place() -> None:
    assert render_citation(ir.Citation("u"), 7)["url_citation"] == {
        "url": "u",
        "title": "",
        "start_index": 0,
        "end_index": 0,
    }


def test_logprobs() -> None:
    token = ir.TokenLogprob("a", -1.0, (97,), (ir.TokenLogprob("b", -2.0),))
    assert render_logprobs(()) is None
    assert render_logprobs((token,)) == {
        "content": [
            {
                "token": "a",
                "logprob": -1.0,
                "bytes": [97],
                "top_logprobs": [{"token": "b", "logprob": -2.0, "bytes": None}],
            }
        ],
        "refusal": None,
    }
