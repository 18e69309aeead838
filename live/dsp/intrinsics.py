"""What numba has no word for: flush-to-zero, a clock, the name of the thread. [audio] No lock, no allocation.

Symbols are linked by name, never by address, so that compiled kernels can be cached on disk.
"""
import platform
import sys

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

FLUSH = 0x8040                  # x86 MXCSR: flush to zero, denormals are zero
FLUSH_ARM = 1 << 24             # AArch64 FPCR: both in one bit
_I32, _I64 = ir.IntType(32), ir.IntType(64)


def _call(builder, name, result, arguments):
    kind = ir.FunctionType(result, [a.type for a in arguments])
    return builder.call(cgutils.get_or_insert_function(builder.module, kind, name), arguments)


_ON_ARM = platform.machine().lower() in ('arm64', 'aarch64')


def _read_word(builder):
    """Return the thread's floating-point control word, 64 bits wide."""
    if _ON_ARM:
        return _call(builder, 'llvm.aarch64.get.fpcr', _I64, [])
    place = cgutils.alloca_once(builder, _I32)
    _call(builder, 'llvm.x86.sse.stmxcsr', ir.VoidType(), [builder.bitcast(place, cgutils.voidptr_t)])
    return builder.zext(builder.load(place), _I64)


def _write_word(builder, word):
    if _ON_ARM:
        _call(builder, 'llvm.aarch64.set.fpcr', ir.VoidType(), [word])
        return
    place = cgutils.alloca_once(builder, _I32)
    builder.store(builder.trunc(word, _I32), place)
    _call(builder, 'llvm.x86.sse.ldmxcsr', ir.VoidType(), [builder.bitcast(place, cgutils.voidptr_t)])


@intrinsic
def flush_denormals(typing_context):
    """Make this thread treat denormal numbers as zero; return the control word as it was before."""
    def codegen(context, builder, signature, arguments):
        before = _read_word(builder)
        _write_word(builder, builder.or_(before, ir.Constant(_I64, FLUSH_ARM if _ON_ARM else FLUSH)))
        return before
    return types.int64(), codegen


@intrinsic
def restore_denormals(typing_context, word):
    """Set the control word that flush_denormals returned: the thread may belong to others."""
    def codegen(context, builder, signature, arguments):
        _write_word(builder, arguments[0])
        return ir.Constant(_I64, 0)
    return types.int64(types.int64), codegen


@intrinsic
def now_ns(typing_context):
    """Return nanoseconds of a clock that never steps back."""
    def posix(context, builder, signature, arguments):
        clock = 6 if sys.platform == 'darwin' else 1        # CLOCK_MONOTONIC
        place = cgutils.alloca_once(builder, ir.ArrayType(_I64, 2))
        _call(builder, 'clock_gettime', _I32,
              [ir.Constant(_I32, clock), builder.bitcast(place, cgutils.voidptr_t)])
        seconds, rest = (builder.extract_value(builder.load(place), index) for index in (0, 1))
        return builder.add(builder.mul(seconds, ir.Constant(_I64, 10 ** 9)), rest)

    def windows(context, builder, signature, arguments):
        count, rate = (cgutils.alloca_once(builder, _I64) for _ in range(2))
        for name, place in (('QueryPerformanceCounter', count), ('QueryPerformanceFrequency', rate)):
            _call(builder, name, _I32, [builder.bitcast(place, cgutils.voidptr_t)])
        per_count = builder.udiv(ir.Constant(_I64, 10 ** 9), builder.load(rate))
        return builder.mul(builder.load(count), per_count)

    return types.int64(), windows if sys.platform == 'win32' else posix


@intrinsic
def thread_self(typing_context):
    """Return the name of this thread as pthread_setschedparam takes it; 0 on Windows."""
    def codegen(context, builder, signature, arguments):
        if sys.platform == 'win32':
            return ir.Constant(_I64, 0)
        return _call(builder, 'pthread_self', _I64, [])
    return types.int64(), codegen
