// The driver's functions with the driver's own prototypes, over host memory: what the calls from C# are held against. Everything runs at once; graphs are handles only.
#include <cstdlib>
#include <cstring>
#include <set>
#include <string>

using Status = int;
using Pointer = unsigned long long;

enum { SUCCESS = 0, INVALID_VALUE = 1, OUT_OF_MEMORY = 2, INVALID_PTX = 218, INVALID_HANDLE = 400, NOT_FOUND = 500 };

static std::set<void*> live;
static size_t taken;
static const size_t TOTAL = 1 << 20;

static void* hold(size_t bytes) { void* made = std::malloc(bytes < 1 ? 1 : bytes); live.insert(made); return made; }

static Status drop(void* made)
{
    if (!live.erase(made)) { return INVALID_HANDLE; }
    std::free(made);
    return SUCCESS;
}

struct Function { char name[64]; int shared; };

struct Copy2D
{
    size_t srcXInBytes, srcY;
    unsigned srcMemoryType;
    const void* srcHost;
    Pointer srcDevice;
    void* srcArray;
    size_t srcPitch;
    size_t dstXInBytes, dstY;
    unsigned dstMemoryType;
    void* dstHost;
    Pointer dstDevice;
    void* dstArray;
    size_t dstPitch, WidthInBytes, Height;
};

extern "C" {

int stub_live() { return (int)live.size(); }

Status cuInit(unsigned flags) { return flags == 0 ? SUCCESS : INVALID_VALUE; }
Status cuDriverGetVersion(int* version) { *version = 12080; return SUCCESS; }
Status cuDeviceGetCount(int* count) { *count = 2; return SUCCESS; }
Status cuDeviceGetName(char* name, int length, int device) { std::strncpy(name, device == 1 ? "second" : "first", length); return SUCCESS; }
Status cuDeviceGetAttribute(int* value, int attribute, int device)
{
    *value = attribute == 16 ? 7 : attribute == 75 ? 9 : attribute == 76 ? 1 : attribute == 97 ? 100000 : -1;
    return *value < 0 || device > 1 ? INVALID_VALUE : SUCCESS;
}
Status cuDeviceTotalMem_v2(size_t* bytes, int) { *bytes = TOTAL; return SUCCESS; }
Status cuDevicePrimaryCtxRetain(void** context, int device) { *context = hold(1); return device > 1 ? INVALID_VALUE : SUCCESS; }
Status cuDevicePrimaryCtxRelease_v2(int) { return SUCCESS; }
Status cuCtxSetCurrent(void* context) { return live.count(context) ? SUCCESS : INVALID_HANDLE; }

Status cuModuleLoadDataEx(void** module, const void* image, unsigned count, int* options, void** values)
{
    if (count != 4 || options[0] != 3 || options[1] != 4 || options[2] != 5 || options[3] != 6) { return INVALID_VALUE; }
    if (std::strstr((const char*)image, "nonsense"))
    {
        std::strncpy((char*)values[2], "line 4: nonsense", (size_t)values[3]);
        return INVALID_PTX;
    }
    *module = hold(1);
    return SUCCESS;
}
Status cuModuleUnload(void* module) { return drop(module); }
Status cuModuleGetFunction(void** function, void* module, const char* name)
{
    if (!live.count(module) || std::strcmp(name, "probe")) { return NOT_FOUND; }
    static Function probe;
    std::strcpy(probe.name, name);
    *function = &probe;
    return SUCCESS;
}
Status cuFuncSetAttribute(void* function, int attribute, int value) { ((Function*)function)->shared = value; return attribute == 8 ? SUCCESS : INVALID_VALUE; }

Status cuMemAlloc_v2(Pointer* pointer, size_t bytes)
{
    if (taken + bytes > TOTAL) { return OUT_OF_MEMORY; }
    *pointer = (Pointer)hold(bytes);
    return SUCCESS;
}
Status cuMemFree_v2(Pointer pointer) { return drop((void*)pointer); }
Status cuMemGetInfo_v2(size_t* free, size_t* total) { *free = TOTAL - taken; *total = TOTAL; return SUCCESS; }
Status cuMemHostAlloc(void** pointer, size_t bytes, unsigned flags) { *pointer = hold(bytes); return flags == 0 ? SUCCESS : INVALID_VALUE; }
Status cuMemFreeHost(void* pointer) { return drop(pointer); }
Status cuMemcpyHtoD_v2(Pointer target, const void* source, size_t bytes) { std::memcpy((void*)target, source, bytes); return SUCCESS; }
Status cuMemcpyDtoH_v2(void* target, Pointer source, size_t bytes) { std::memcpy(target, (void*)source, bytes); return SUCCESS; }
Status cuMemcpyHtoDAsync_v2(Pointer target, const void* source, size_t bytes, void* stream) { std::memcpy((void*)target, source, bytes); return live.count(stream) ? SUCCESS : INVALID_HANDLE; }
Status cuMemcpyDtoHAsync_v2(void* target, Pointer source, size_t bytes, void* stream) { std::memcpy(target, (void*)source, bytes); return live.count(stream) ? SUCCESS : INVALID_HANDLE; }
Status cuMemcpyDtoDAsync_v2(Pointer target, Pointer source, size_t bytes, void* stream) { std::memcpy((void*)target, (void*)source, bytes); return live.count(stream) ? SUCCESS : INVALID_HANDLE; }
Status cuMemcpy2DAsync_v2(const Copy2D* copy, void* stream)
{
    if (copy->srcMemoryType < 1 || copy->srcMemoryType > 2 || copy->dstMemoryType < 1 || copy->dstMemoryType > 2 || copy->srcXInBytes || copy->srcY || copy->dstXInBytes || copy->dstY)
    {
        return INVALID_VALUE;
    }
    const char* source = copy->srcMemoryType == 1 ? (const char*)copy->srcHost : (const char*)copy->srcDevice;
    char* target = copy->dstMemoryType == 1 ? (char*)copy->dstHost : (char*)copy->dstDevice;
    for (size_t row = 0; row < copy->Height; row++) { std::memcpy(target + row * copy->dstPitch, source + row * copy->srcPitch, copy->WidthInBytes); }
    return live.count(stream) ? SUCCESS : INVALID_HANDLE;
}
Status cuMemsetD8Async(Pointer target, unsigned char value, size_t bytes, void* stream) { std::memset((void*)target, value, bytes); return live.count(stream) ? SUCCESS : INVALID_HANDLE; }

Status cuStreamCreate(void** stream, unsigned flags) { *stream = hold(1); return flags == 1 ? SUCCESS : INVALID_VALUE; }
Status cuStreamSynchronize(void* stream) { return live.count(stream) ? SUCCESS : INVALID_HANDLE; }
Status cuStreamDestroy_v2(void* stream) { return drop(stream); }
Status cuEventCreate(void** event, unsigned flags) { *event = hold(1); return flags == 0 ? SUCCESS : INVALID_VALUE; }
Status cuEventRecord(void* event, void* stream) { return live.count(event) && live.count(stream) ? SUCCESS : INVALID_HANDLE; }
Status cuEventSynchronize(void* event) { return live.count(event) ? SUCCESS : INVALID_HANDLE; }
Status cuEventElapsedTime(float* milliseconds, void* from, void* to) { *milliseconds = 1.5f; return live.count(from) && live.count(to) ? SUCCESS : INVALID_HANDLE; }
Status cuEventDestroy_v2(void* event) { return drop(event); }

// probe(unsigned* out, unsigned char, double): writes what it was launched with.
Status cuLaunchKernel(
    void* function, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz, unsigned shared, void* stream, void** parameters, void** extra)
{
    if (extra || std::strcmp(((Function*)function)->name, "probe") || !live.count(stream)) { return INVALID_VALUE; }
    unsigned* out = *(unsigned**)parameters[0];
    unsigned seen[] = {gx, gy, gz, bx, by, bz, shared, *(unsigned char*)parameters[1], (unsigned)*(double*)parameters[2], (unsigned)((Function*)function)->shared};
    std::memcpy(out, seen, sizeof seen);
    return SUCCESS;
}

Status cuStreamBeginCapture_v2(void* stream, int mode) { return live.count(stream) && mode == 1 ? SUCCESS : INVALID_VALUE; }
Status cuStreamEndCapture(void* stream, void** graph) { *graph = hold(1); return live.count(stream) ? SUCCESS : INVALID_HANDLE; }
Status cuGraphInstantiateWithFlags(void** executable, void* graph, unsigned long long flags) { *executable = hold(1); return live.count(graph) && flags == 0 ? SUCCESS : INVALID_VALUE; }
Status cuGraphLaunch(void* executable, void* stream) { return live.count(executable) && live.count(stream) ? SUCCESS : INVALID_HANDLE; }
Status cuGraphExecDestroy(void* executable) { return drop(executable); }
Status cuGraphDestroy(void* graph) { return drop(graph); }

Status cuGetErrorName(Status status, const char** name)
{
    *name = status == OUT_OF_MEMORY ? "CUDA_ERROR_OUT_OF_MEMORY" : status == INVALID_PTX ? "CUDA_ERROR_INVALID_PTX" : nullptr;
    return *name ? SUCCESS : INVALID_VALUE;
}
Status cuGetErrorString(Status status, const char** sentence)
{
    *sentence = status == OUT_OF_MEMORY ? "out of memory" : nullptr;
    return *sentence ? SUCCESS : INVALID_VALUE;
}

}
