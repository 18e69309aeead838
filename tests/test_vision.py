from live.vision import REST, find_rest


def test_a_window_that_draws_fast_enough_waits_for_its_frame_and_a_slow_one_rests():
    assert find_rest(early=0.02, took=0.01) == 0.02
    assert find_rest(early=-0.3, took=0.1) == REST * 0.1
