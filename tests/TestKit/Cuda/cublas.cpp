// cuBLAS's functions with cuBLAS's own prototypes, over host memory: what the calls from C# are held against. Products run at once.
#include <cstddef>
#include <cstring>
#include <set>

using Status = int;
using Handle = struct cublasContext*;

enum Operation { PLAIN = 0, TURNED = 1 };
enum Type { R_32F = 0, R_16F = 2, R_16BF = 14 };
enum Compute { COMPUTE_32F = 68 };
enum Algorithm { DEFAULT = -1 };
enum { SUCCESS = 0, NOT_INITIALIZED = 1, INVALID_VALUE = 7, NOT_SUPPORTED = 15 };

struct cublasContext { void* stream; void* workspace; size_t bytes; };

static std::set<Handle> live;

// fp16 for numbers that are not tiny: the exponent's bias is 112 smaller.
static float number(const void* from, Type type, size_t at)
{
    if (type == R_32F) { return ((const float*)from)[at]; }
    unsigned bits = ((const unsigned short*)from)[at];
    unsigned wide = type == R_16BF ? bits << 16 : (bits & 0x7fffu) == 0 ? 0 : (bits & 0x8000u) << 16 | (((bits & 0x7fffu) << 13) + (112u << 23));
    float value;
    std::memcpy(&value, &wide, sizeof value);
    return value;
}

extern "C" {

int stub_live() { return (int)live.size(); }
void* stub_stream(Handle handle) { return handle->stream; }
void* stub_workspace(Handle handle) { return handle->workspace; }
size_t stub_bytes(Handle handle) { return handle->bytes; }

Status cublasCreate_v2(Handle* handle) { live.insert(*handle = new cublasContext()); return SUCCESS; }
Status cublasDestroy_v2(Handle handle)
{
    if (!live.erase(handle)) { return NOT_INITIALIZED; }
    delete handle;
    return SUCCESS;
}
Status cublasSetStream_v2(Handle handle, void* stream) { *handle = {stream, nullptr, 0}; return SUCCESS; }
Status cublasSetWorkspace_v2(Handle handle, void* workspace, size_t bytes) { handle->workspace = workspace; handle->bytes = bytes; return (size_t)workspace % 256 ? INVALID_VALUE : SUCCESS; }

Status cublasGemmEx(
    Handle handle, Operation turnsA, Operation turnsB, int m, int n, int k, const void* alpha, const void* a, Type typeA, int lda, const void* b, Type typeB, int ldb,
    const void* beta, void* c, Type typeC, int ldc, Compute compute, Algorithm algorithm)
{
    if (!live.count(handle)) { return NOT_INITIALIZED; }
    if (lda < (turnsA == TURNED ? k : m) || ldb < k || ldc < m || *(const float*)alpha != 1) { return INVALID_VALUE; }
    if (turnsB != PLAIN || typeA != typeB || typeC != R_32F || compute != COMPUTE_32F || algorithm != DEFAULT) { return NOT_SUPPORTED; }
    for (int column = 0; column < n; column++)
    {
        for (int row = 0; row < m; row++)
        {
            float sum = 0;
            for (int i = 0; i < k; i++)
            {
                size_t atA = turnsA == TURNED ? (size_t)row * lda + i : (size_t)i * lda + row, atB = (size_t)column * ldb + i;
                sum += number(a, typeA, atA) * number(b, typeB, atB);
            }
            float* to = (float*)c + (size_t)column * ldc + row;
            *to = *(const float*)beta == 0 ? sum : *to * *(const float*)beta + sum;
        }
    }
    return SUCCESS;
}

}
