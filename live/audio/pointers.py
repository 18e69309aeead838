"""Calls through addresses that are known only at run time. [audio] No lock, no allocation.

The address stands in a record, never in the code, so that what is compiled can be cached on disk.
"""
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

_I32, _I64, _POINTER = ir.IntType(32), ir.IntType(64), ir.IntType(8).as_pointer()


def _call(builder, address, result, kinds, values):
    kind = ir.FunctionType(result, kinds)
    cast = [builder.inttoptr(value, _POINTER) if of is _POINTER else value for of, value in zip(kinds, values)]
    return builder.call(builder.inttoptr(address, kind.as_pointer()), cast)


@intrinsic
def call_stream(typing_context, function, indata, outdata, frames, flags, userdata):
    """Call a PaStreamCallback; all of it as int64, 0 is NULL."""
    def codegen(context, builder, signature, arguments):
        function, indata, outdata, frames, flags, userdata = arguments
        time = ir.Constant(_I64, 0)
        return _call(builder, function, _I32, [_POINTER, _POINTER, _I64, _POINTER, _I64, _POINTER],
                     [indata, outdata, frames, time, flags, userdata])
    return types.int32(*(types.int64,) * 6), codegen


@intrinsic
def call_port(typing_context, function, port, frames):
    """Call jack_port_get_buffer; return the address of its samples."""
    def codegen(context, builder, signature, arguments):
        function, port, frames = arguments
        samples = _call(builder, function, _POINTER, [_POINTER, _I32], [port, builder.trunc(frames, _I32)])
        return builder.ptrtoint(samples, _I64)
    return types.int64(types.int64, types.int64, types.int64), codegen


@intrinsic
def as_floats(typing_context, address):
    """Return an address as a pointer to float32, for `carray`."""
    def codegen(context, builder, signature, arguments):
        return builder.inttoptr(arguments[0], ir.FloatType().as_pointer())
    return types.CPointer(types.float32)(types.int64), codegen


@intrinsic
def as_address(typing_context, pointer):
    """Return a pointer as int64."""
    def codegen(context, builder, signature, arguments):
        return builder.ptrtoint(arguments[0], _I64)
    return types.int64(pointer), codegen
