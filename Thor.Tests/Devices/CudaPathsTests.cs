using Thor.Kernels.Accelerators.Cuda;
using Xunit;

namespace Thor.Tests.Devices;

public sealed class CudaPathsTests
{
    [Fact]
    public void Compiler_ToolkitsAndPythonPackages_AreFoundBestFirst()
    {
        using TemporaryFolder root = new();
        string home = Make(root, "home/toolkit/lib64");
        string newest = Make(root, "usr/local/cuda-13.0/lib64");
        string older = Make(root, "usr/local/cuda-12.4/targets/x86_64-linux/lib");
        string active = Make(root, "venv/lib/python3.11/site-packages/nvidia/cuda_nvrtc/lib");
        Make(root, "opt/torch/.venv/bin");
        File.WriteAllText(root.File("opt/torch/.venv/bin/python3"), string.Empty);
        string ofPath = Make(root, "opt/torch/.venv/lib/python3.12/site-packages/nvidia/cu13/lib");
        string user = Make(root, "home/me/.local/lib/python3.9/site-packages/nvidia/cuda_nvrtc/lib");
        string optional = Make(root, "opt/other/lib/python3.10/site-packages/nvidia/cu13/lib");
        string distribution = Make(root, "usr/lib/python3/dist-packages/nvidia/cuda_nvrtc/lib");
        Dictionary<string, string> variables = new()
        {
            ["CUDA_HOME"] = root.File("home/toolkit"),
            ["VIRTUAL_ENV"] = root.File("venv"),
            ["PATH"] = root.File("opt/torch/.venv/bin") + Path.PathSeparator + root.File("nothing"),
            ["HOME"] = root.File("home/me"),
        };
        LibraryCandidates found = CudaPaths.Compiler(new MachineView(root.Path, variables.GetValueOrDefault, false));
        Assert.Equal(["libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so.11.2"], found.Names);
        Assert.Equal([home, newest, older, active, ofPath, user, optional, distribution], found.Folders);
    }

    [Fact]
    public void Compiler_BareMachine_LooksOnTheLoadersPathAlone()
    {
        using TemporaryFolder root = new();
        LibraryCandidates found = CudaPaths.Compiler(new MachineView(root.Path, static _ => null, false));
        Assert.Empty(found.Folders);
        Assert.Equal(
            "libnvrtc.so.13, libnvrtc.so.12, libnvrtc.so.11.2 was looked for on the loader's path", new LibrarySearch(found).Tried);
    }

    [Fact]
    public void Driver_ContainersFolder_IsLookedIn()
    {
        using TemporaryFolder root = new();
        string folder = Make(root, "usr/local/nvidia/lib64");
        LibraryCandidates found = CudaPaths.Driver(new MachineView(root.Path, static _ => null, false));
        Assert.Equal(["libcuda.so.1"], found.Names);
        Assert.Equal([folder], found.Folders);
        Assert.Equal($"libcuda.so.1 was looked for on the loader's path and in {folder}", new LibrarySearch(found).Tried);
    }

    [Fact]
    public void Solver_PythonPackages_AreLookedInForItAndForWhatItNeeds()
    {
        using TemporaryFolder root = new();
        string solver = Make(root, "venv/lib/python3.11/site-packages/nvidia/cusolver/lib");
        string sparse = Make(root, "venv/lib/python3.11/site-packages/nvidia/cusparse/lib");
        string linker = Make(root, "venv/lib/python3.11/site-packages/nvidia/nvjitlink/lib");
        MachineView machine = new(root.Path, name => name == "VIRTUAL_ENV" ? root.File("venv") : null, false);
        Assert.Equal([solver], CudaPaths.Solver(machine).Folders);
        Assert.Equal([linker, sparse], CudaPaths.SolverNeeds(machine).SelectMany(static need => need.Folders));
    }

    [Fact]
    public void TryLoad_FileThatIsNoLibrary_GoesOn()
    {
        using TemporaryFolder root = new();
        File.WriteAllText(root.File("libthor-none.so"), "no library");
        LibrarySearch search = new(new LibraryCandidates(["libthor-none.so"], [root.Path], ["*.so"]));
        Assert.False(search.TryLoad(out nint handle, out _));
        Assert.Equal(0, handle);
    }

    private static string Make(TemporaryFolder root, string folder) => Directory.CreateDirectory(root.File(folder)).FullName;
}
