// dotnet tool restore && dotnet cake [--target Clean|Build|Lint|Test|Bench|Demo|Ptx|Pack|Publish|Default] [--runtime linux-x64] [--ilgpu]

string target = Argument("target", "Default");
string configuration = Argument("configuration", "Release");
string runtime = Argument("runtime", "linux-x64");
DirectoryPath artifacts = "./artifacts";
string bench = "./Thor.Bench/Thor.Bench.csproj";
DirectoryPath ptx = MakeAbsolute(artifacts.Combine("ptx"));

if (HasArgument("ilgpu"))
{
    // MSBuild takes variables as properties: every dotnet command that follows builds ILGPU's devices too.
    System.Environment.SetEnvironmentVariable("UseIlgpu", "true");
}

void DotNet(string arguments)
{
    // The layout check builds nothing: it must look for the translator where this configuration's build has put it.
    Dictionary<string, string> variables = new() { ["Configuration"] = configuration };
    int exitCode = StartProcess("dotnet", new ProcessSettings { Arguments = arguments, EnvironmentVariables = variables });
    if (exitCode != 0)
    {
        throw new CakeException(exitCode, $"dotnet {arguments} ended with exit code {exitCode}.");
    }
}

Task("Clean")
    .Description("Removes everything a build makes.")
    .Does(() =>
    {
        CleanDirectory(artifacts);
        DotNetClean("./Thor.sln", new DotNetCleanSettings { Configuration = configuration, Verbosity = DotNetVerbosity.Quiet });
    });

Task("Build")
    .Description("Compiles the solution; a warning is an error.")
    .Does(() => DotNetBuild("./Thor.sln", new DotNetBuildSettings { Configuration = configuration }));

Task("Lint")
    .Description("Checks layout and style against .editorconfig without changing a file.")
    .IsDependentOn("Build")
    .Does(() => DotNet("format ./Thor.sln --verify-no-changes"));

Task("Test")
    .Description("Runs every test; those whose device or data is absent skip and say why.")
    .IsDependentOn("Build")
    .Does(() => DotNet($"test -c {configuration} --no-build"));

Task("Bench")
    .Description("Measures every primitive beside its peer in one run.")
    .IsDependentOn("Build")
    .Does(() =>
    {
        EnsureDirectoryExists(artifacts);
        DotNet($"run -c {configuration} --no-build --project {bench} -- micro --quick --json {artifacts}/micro.json");
    });

Task("Demo")
    .Description("THOR against momentum on the embedded data set.")
    .IsDependentOn("Build")
    .Does(() => DotNet($"run -c {configuration} --no-build --project {bench}"));

Task("Ptx")
    .Description("Compiles the kernels for CUDA devices with clang-16, to be embedded in what is packed and published.")
    .Does(() =>
    {
        CleanDirectory(ptx);
        if (Context.Tools.Resolve("clang-16") is null)
        {
            Warning("clang-16 is not on PATH (Debian: apt install clang-16): kernels are not embedded, and CUDA devices need NVRTC at run time.");
            return;
        }

        DotNet($"run -c {configuration} --project {bench} -- devices --ptx {ptx}");
    });

Task("Pack")
    .Description("Packs the three libraries and the tool.")
    .IsDependentOn("Ptx")
    .Does(() => DotNet($"pack ./Thor.sln -c {configuration} -p:PtxFolder={ptx} -o {artifacts}/packages"));

Task("Publish")
    .Description("Makes the command line one trimmed, self-contained file.")
    .IsDependentOn("Ptx")
    .Does(() => DotNet($"publish {bench} -c {configuration} -r {runtime} --self-contained -p:SingleFile=true -p:PtxFolder={ptx} -o {artifacts}/publish/{runtime}"));

Task("Default")
    .IsDependentOn("Lint")
    .IsDependentOn("Test");

RunTarget(target);
