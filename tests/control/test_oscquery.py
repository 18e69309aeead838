"""OSCQuery over HTTP and websockets, asked by python-oscquery, by urllib and by aiohttp's own client."""
import asyncio
import json
import socket
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import aiohttp
import pytest
from osc_hands import wait_for
from pythonoscquery.osc_query_client import OSCQueryClient
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import build_msg
from zeroconf import ServiceInfo, Zeroconf

from live.control.actions import ACTIONS
from live.control.announcement import OSC, OSC_QUERY, Announcement
from live.control.oscquery import OscQueryServer
from live.control.oscquery_tree import Tree
from live.params import PARAMS


@pytest.fixture
def query(server, monkeypatch):
    """OSCQuery beside a running OSC server, with the patches of the desk's folder."""
    monkeypatch.setattr('live.control.oscquery.LOOK_EVERY', 0.05)
    one = OscQueryServer(server, port=0)
    one.query.tree = Tree(server.values, server.desk._names)
    one.start()
    yield one
    one.stop()


def get(query, path, **headers):
    """Return (status, JSON or None)."""
    try:
        with urlopen(Request(f'http://127.0.0.1:{query.port}{path}', headers=headers), timeout=5) as answer:
            text = answer.read()
            return answer.status, json.loads(text) if text else None
    except HTTPError as error:
        error.close()
        return error.code, None


def talk(query, hold):
    """Run `hold(socket)` over a websocket."""
    async def run():
        async with aiohttp.ClientSession() as session, session.ws_connect(f'http://127.0.0.1:{query.port}/') as opened:
            return await asyncio.wait_for(hold(opened), 10)
    return asyncio.run(run())


async def hear(opened):
    message = OscMessage(await opened.receive_bytes())
    return message.address, message.params


def test_every_parameter_is_in_the_tree(query):
    tree = get(query, '/')[1]
    for param in PARAMS:
        node = tree['CONTENTS'][param.group]['CONTENTS'][param.address.split('/')[2]]
        assert node['FULL_PATH'] == param.address and node['DESCRIPTION'] == param.doc
        assert tree['CONTENTS']['n']['CONTENTS'][param.group]['CONTENTS'][param.address.split('/')[2]]['TYPE'] == 'f'


@pytest.mark.parametrize('address, told', [
    ('/drone/root', {'TYPE': 'f', 'VALUE': [pytest.approx(466.16)], 'RANGE': [{'MIN': 16.0, 'MAX': 8000.0}],
                     'ACCESS': 3, 'UNIT': ['time.hz'], 'CLIPMODE': ['both']}),
    ('/dream/noise', {'TYPE': 's', 'VALUE': ['walk'], 'RANGE': [{'VALS': ['fixed', 'fresh', 'walk', 'split']}]}),
    ('/drone/hold', {'TYPE': 'i', 'VALUE': [1], 'RANGE': [{'MIN': 0, 'MAX': 1}]}),
    ('/drone/partials', {'TYPE': 'i', 'VALUE': [384], 'RANGE': [{'MIN': 1, 'MAX': 1048576}]}),
    ('/n/drone/hold', {'TYPE': 'f', 'VALUE': [1.0], 'RANGE': [{'MIN': 0.0, 'MAX': 1.0}]}),
    ('/prompt/1', {'TYPE': 's', 'VALUE': [''], 'ACCESS': 3}),
    ('/patch', {'TYPE': 's', 'RANGE': [{'VALS': ['broken', 'nineteen']}]}),
    ('/message', {'TYPE': 's', 'ACCESS': 1}),
    ('/go', {'TYPE': 'I', 'ACCESS': 2}), ('/recall', {'TYPE': 'i', 'ACCESS': 2})])
def test_a_node_tells_its_attributes(query, address, told):
    status, node = get(query, address)
    assert status == 200 and {name: node[name] for name in told} == told


@pytest.mark.parametrize('path, answer', [
    ('/drone/drift_cents?VALUE', (200, {'VALUE': [5.0]})), ('/drone/drift_cents?TYPE', (200, {'TYPE': 'f'})),
    ('/drone/drift_cents/?VALUE', (200, {'VALUE': [5.0]})), ('/drone?VALUE', (204, None)), ('/go?VALUE', (204, None)),
    ('/drone/pan?UNIT', (204, None)), ('/drone/pan?COLOUR', (400, None)), ('/drone/pam', (404, None)),
    ('/../../etc/passwd', (404, None)), ('/%2e%2e/%2e%2e/etc/passwd', (404, None)), ('/drone/pan/deeper', (404, None))])
def test_attributes_are_told_one_by_one(query, path, answer):
    assert get(query, path) == answer


def test_every_node_of_the_tree_can_be_asked_for_itself(query, server):
    addresses = list(query.query.tree.nodes)
    assert {action.address for action in ACTIONS} | set(server.values.addresses) <= set(addresses)
    for address in addresses[::40]:
        assert get(query, address)[1]['FULL_PATH'] == address


def test_host_info_tells_where_osc_goes(query, server):
    info = get(query, '/?HOST_INFO')[1]
    assert (info['OSC_IP'], info['OSC_PORT'], info['WS_PORT']) == ('127.0.0.1', server.port, query.port)
    assert info['EXTENSIONS']['LISTEN'] and info['EXTENSIONS']['VALUE']


def test_a_value_that_has_changed_is_told_anew(query, desk):
    assert get(query, '/drone/pan?VALUE')[1] == {'VALUE': [0.0]}
    desk.set('drone.pan', 0.5)
    assert get(query, '/drone/pan?VALUE')[1] == {'VALUE': [0.5]}


def test_python_oscquery_reads_the_whole_tree(query, server):
    service = ServiceInfo(OSC_QUERY, f'live.{OSC_QUERY}', query.port, addresses=[bytes([127, 0, 0, 1])])
    peer = OSCQueryClient(service)
    info = peer.get_host_info()
    assert (info.name, info.osc_ip, info.osc_port) == ('live', '127.0.0.1', server.port)
    root = peer.query_node('/')
    assert root.find_subnode('/drone/drift_cents').value == [5.0]
    assert root.find_subnode('/dream/noise').value == ['walk'] and root.find_subnode('/go').access == 2
    assert peer.query_node('/n/drone/hold').value == [1.0] and peer.query_node('/nothing') is None


def test_a_listener_hears_the_value_and_each_change_as_osc(query, desk):
    async def hold(opened):
        await opened.send_json({'COMMAND': 'LISTEN', 'DATA': '/drone/drift_cents'})
        first = await hear(opened)
        desk.set('drone.drift_cents', 9)
        return first, await hear(opened)
    assert talk(query, hold) == (('/drone/drift_cents', [5.0]), ('/drone/drift_cents', [9.0]))


def test_a_listener_gets_the_types_that_the_tree_tells(query, desk):
    async def hold(opened):
        for address in ('/dream/noise', '/drone/hold'):
            await opened.send_json({'COMMAND': 'LISTEN', 'DATA': address})
        return dict([await hear(opened), await hear(opened)])
    assert talk(query, hold) == {'/dream/noise': ['walk'], '/drone/hold': [1]}


def test_packets_of_a_listener_are_done_and_not_sent_back(query, desk):
    async def hold(opened):
        await opened.send_json({'COMMAND': 'LISTEN', 'DATA': '/drone/drift_cents'})
        await hear(opened)
        await opened.send_bytes(build_msg('/drone/drift_cents', [9.0]).dgram)
        await opened.send_bytes(build_msg('/ping', []).dgram)
        return await hear(opened)
    assert talk(query, hold) == ('/pong', []) and desk.board['drone.drift_cents'] == 9


def test_who_ignores_hears_no_more_and_who_leaves_is_forgotten(query, server, desk):
    async def hold(opened):
        for command, address in (('LISTEN', '/drone/pan'), ('LISTEN', '/drone/width'), ('IGNORE', '/drone/pan')):
            await opened.send_json({'COMMAND': command, 'DATA': address})
        heard = await hear(opened)
        desk.set('drone.pan', 0.5)
        desk.set('drone.width', 0.5)
        return heard[0], await hear(opened)
    assert talk(query, hold)[1] == ('/drone/width', [0.5])
    wait_for(lambda: not server.answers._followers)


def test_who_has_sent_too_much_is_forgotten_as_well(query, server, monkeypatch):
    monkeypatch.setattr('live.control.osc_allowance.BURST', 3)
    monkeypatch.setattr('live.control.osc_allowance.RATE', 0)

    async def hold(opened):
        await opened.send_json({'COMMAND': 'LISTEN', 'DATA': '/drone/pan'})
        await hear(opened)
        for _ in range(10):
            await opened.send_bytes(build_msg('/ping', []).dgram)
        return await hear(opened), len(server.answers._followers)
    assert talk(query, hold) == (('/pong', []), 1)
    wait_for(lambda: server.allowance.refused and not server.answers._followers)


@pytest.mark.parametrize('text', ['', '[]', '{}', '7', '{"COMMAND": "LISTEN"}', '[' * 20000,
                                  '{"COMMAND": "LISTEN", "DATA": 3}',
                                  '{"COMMAND": "LISTEN", "DATA": "/drone"}',
                                  '{"COMMAND": "DANCE", "DATA": "/drone/pan"}',
                                  '{"COMMAND": ["LISTEN"], "DATA": {}}'])
def test_commands_that_mean_nothing_are_left_alone(query, text):
    async def hold(opened):
        await opened.send_str(text)
        await opened.send_bytes(b'\xff\xfe')
        await opened.send_bytes(build_msg('/ping', []).dgram)
        return await hear(opened)
    assert talk(query, hold) == ('/pong', [])


def test_a_packet_that_is_too_large_ends_the_connection(query):
    async def hold(opened):
        await opened.send_bytes(bytes(100000))
        return (await opened.receive()).type
    assert talk(query, hold) in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED)


def test_a_new_patch_is_told(query, tmp_path):
    async def hold(opened):
        (tmp_path / 'new.toml').write_text('')
        return await opened.receive_json()
    assert talk(query, hold) == {'COMMAND': 'PATH_CHANGED', 'DATA': '/patch'}


@pytest.mark.parametrize('headers', [{'Host': 'evil.example'}, {'Origin': 'http://evil.example'}])
def test_pages_from_elsewhere_are_not_answered(query, headers):
    assert get(query, '/', **headers) == (403, None)
    assert get(query, '/', Upgrade='websocket', **headers) == (403, None)


def test_the_instrument_is_found_in_the_network():
    announcement = Announcement({OSC_QUERY: 9002, OSC: 9000}, '127.0.0.1')
    announcement.start()
    looker = Zeroconf(interfaces=['127.0.0.1'])
    name = f'live on {socket.gethostname().partition(".")[0]}'
    found = [looker.get_service_info(kind, f'{name}.{kind}', 5000) for kind in (OSC_QUERY, OSC)]
    assert [(one.port, one.parsed_addresses()) for one in found] == [(9002, ['127.0.0.1']), (9000, ['127.0.0.1'])]
    announcement.stop()
    looker.close()
    assert announcement.error == ''


@pytest.mark.filterwarnings('ignore::pytest.PytestUnraisableExceptionWarning')     # zeroconf leaves a socket open
def test_a_network_that_is_not_there_is_told_and_hurts_nobody():
    announcement = Announcement({OSC: 9000}, '192.0.2.77')
    announcement.start()
    announcement.stop()
    assert 'does not let the instrument be announced' in announcement.error
