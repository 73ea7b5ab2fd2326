"""Interventions of the paper's section 5.3: change speech states, run again, compare.

=====================  =====================================================  ==========
name                   definition (u(x) = x / |x|)                            source
=====================  =====================================================  ==========
angle projection       h' = |h_s| u(h_t)                                      5.3
length normalization   h' = |h_t| u(h_s)                                      5.3
both                   h' = h_t                                               ours
rolled-transcript      angle projection to the text token half a transcript   control
                       further on
other-transcript       angle projection to the tokens of another question     control
random direction       h' = |h_s| u(random)                                   control
random tokens          angle projection of tokens chosen at random            control
calibration            mean and standard deviation of the span set to text's  control
identity               h' = h_s                                               control
=====================  =====================================================  ==========

h_s is the state of a chosen speech token, h_t that of its text token, at the layer of the edit.

Projection and normalization are edits that use the transcript: they write states of the right words into the prompt, so
a gain is an upper bound and a causal probe of position and direction, no repair for speech whose words are not known.
"""
