"""The performer's page: everything the instrument offers, on a phone or a laptop, over one websocket.

    backstage   what the page is given: desk, boards, slices, counters, a small view of the picture
    frame       numbers, 30 times a second, one binary frame that is the same for every page
    sections    words, when they change: prompts, patch, tuning, scenes, cues, learning
    orders      what a page may ask for, and who may ask
    guard       who may come in: tokens, Host, Origin
    server      the routes, the websockets and their clock
    announce    the address and its QR code in the terminal

index.html, style.css and the modules of JavaScript beside them are served as they are; there is no build step.
"""
