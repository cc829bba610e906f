namespace RwkvSk.Engine.Weights;

/// <summary>
/// Reads a pickle as data. A pickle is a program for a stack machine; this one knows the instructions that describe dictionaries of tensors and refuses all others by name.
/// Nothing the file says is ever looked up, imported or called.
/// </summary>
internal ref struct PickleMachine
{
    // A 61-layer model takes 60,000 instructions, 12,000 memo entries and a nesting of 4. An instruction costs at most some 300 bytes.
    private const int MaximumSteps = 1_000_000, MaximumStack = 500_000, MaximumMemo = 500_000, MaximumNesting = 64, HighestProtocol = 5;

    private readonly List<object?> _stack = [];
    private readonly Stack<int> _marks = new();
    private readonly Dictionary<int, object?> _memo = [];
    private PickleInput _input;

    private PickleMachine(string path, ReadOnlySpan<byte> pickle) => _input = new PickleInput(path, pickle);

    /// <summary>The one value that the pickle describes.</summary>
    /// <param name="path">The file, for messages.</param>
    /// <param name="pickle">The pickle's bytes.</param>
    /// <exception cref="ModelFormatException">It is damaged, or it asks for more than data.</exception>
    public static object? Read(string path, ReadOnlySpan<byte> pickle) => new PickleMachine(path, pickle).Run();

    private object? Run()
    {
        for (var step = 0; step < MaximumSteps; step++)
        {
            var code = (PickleCode)_input.Byte();
            if (code is PickleCode.Stop)
            {
                var value = Pop();
                return _stack.Count == 0 && _marks.Count == 0 && _input.IsAtEnd ? value : throw _input.Refusal("goes on after its end");
            }

            Execute(code);
        }

        throw _input.Refusal($"has more than {MaximumSteps} instructions");
    }

    private void Execute(PickleCode code)
    {
        switch (code)
        {
            case PickleCode.Protocol:
                var protocol = _input.Byte();
                Require(protocol is >= 2 and <= HighestProtocol, $"has protocol {protocol}; 2 to {HighestProtocol} are supported");
                break;
            case PickleCode.Frame:
                _input.Int64();   // a hint for buffering
                break;
            case PickleCode.Mark:
                Require(_marks.Count < MaximumNesting, $"nests deeper than {MaximumNesting}");
                _marks.Push(_stack.Count);
                break;
            case PickleCode.None:
                Push(null);
                break;
            case PickleCode.NewTrue:
                Push(true);
                break;
            case PickleCode.NewFalse:
                Push(false);
                break;
            case PickleCode.BinInt:
                Push((long)_input.Int32());
                break;
            case PickleCode.BinInt1:
                Push((long)_input.Byte());
                break;
            case PickleCode.BinInt2:
                Push((long)_input.UInt16());
                break;
            case PickleCode.Long1:
                Push(_input.Integer(_input.Byte()));
                break;
            case PickleCode.BinFloat:
                Push(_input.Double());
                break;
            case PickleCode.BinUnicode:
                Push(_input.Text(_input.Int32()));
                break;
            case PickleCode.ShortBinUnicode:
                Push(_input.Text(_input.Byte()));
                break;
            default:
                ExecuteOnStack(code);
                break;
        }
    }

    private void ExecuteOnStack(PickleCode code)
    {
        switch (code)
        {
            case PickleCode.EmptyTuple:
                Push(new PickleTuple([]));
                break;
            case PickleCode.Tuple1:
                Push(new PickleTuple(PopMany(1)));
                break;
            case PickleCode.Tuple2:
                Push(new PickleTuple(PopMany(2)));
                break;
            case PickleCode.Tuple3:
                Push(new PickleTuple(PopMany(3)));
                break;
            case PickleCode.Tuple:
                Push(new PickleTuple(PopToMark()));
                break;
            case PickleCode.EmptyList:
                Push(new PickleList());
                break;
            case PickleCode.Append:
                Append(PopMany(1));
                break;
            case PickleCode.Appends:
                Append(PopToMark());
                break;
            case PickleCode.EmptyDict:
                Push(new PickleDict(ordered: false));
                break;
            case PickleCode.SetItem:
                SetItems(PopMany(2));
                break;
            case PickleCode.SetItems:
                SetItems(PopToMark());
                break;
            default:
                ExecuteOnObjects(code);
                break;
        }
    }

    private void ExecuteOnObjects(PickleCode code)
    {
        switch (code)
        {
            case PickleCode.BinPut:
                Memorize(_input.Byte());
                break;
            case PickleCode.LongBinPut:
                Memorize(_input.Int32());
                break;
            case PickleCode.Memoize:
                Memorize(_memo.Count);
                break;
            case PickleCode.BinGet:
                Recall(_input.Byte());
                break;
            case PickleCode.LongBinGet:
                Recall(_input.Int32());
                break;
            case PickleCode.Global:
                var module = _input.Line();
                PushGlobal(module, _input.Line());
                break;
            case PickleCode.StackGlobal:
                var names = PopMany(2);
                PushGlobal(names[0] as string, names[1] as string);
                break;
            case PickleCode.BinPersistentId:
                Push(TorchObjects.Storage(Pop()) ?? throw _input.Refusal("has a persistent id that is no ('storage', type, key, location, count)"));
                break;
            case PickleCode.Reduce:
                var call = PopMany(2);
                Push(TorchObjects.Reduce(call[0], call[1]) ?? throw _input.Refusal($"calls '{Describe(call[0])}' with arguments that describe no tensor"));
                break;
            case PickleCode.Build:
                // The attributes of a state dict (its _metadata): nothing that inference needs.
                var state = Pop();
                Require(Peek() is PickleDict { IsOrdered: true } && state is PickleDict, "sets attributes on something other than an OrderedDict");
                break;
            default:
                throw _input.Refusal($"has the instruction {PickleCodes.Describe(code)}, which no tensor dictionary needs; refused, nothing was executed");
        }
    }

    private void PushGlobal(string? module, string? name)
    {
        var global = module is null || name is null ? null : TorchObjects.Global(module, name);
        Push(global ?? throw _input.Refusal($"names '{module}.{name}', which is not among the few names that describe tensors; refused, nothing was executed"));
    }

    private void Append(object?[] items)
    {
        Require(Peek() is PickleList, "appends to something other than a list");
        ((PickleList)Peek()!).AddRange(items);
    }

    private void SetItems(object?[] items)
    {
        Require(Peek() is PickleDict && items.Length % 2 == 0, "sets items on something other than a dict, or a key without a value");
        var dict = (PickleDict)Peek()!;
        for (var i = 0; i < items.Length; i += 2)
        {
            if (items[i] is string key)
            {
                Require(dict.Items.TryAdd(key, items[i + 1]), $"has the key '{key}' twice");
            }
        }
    }

    private void Memorize(int index)
    {
        Require(index >= 0 && (_memo.Count < MaximumMemo || _memo.ContainsKey(index)), $"memorises more than {MaximumMemo} values");
        _memo[index] = Peek();
    }

    private void Recall(int index)
    {
        Require(_memo.TryGetValue(index, out var value), $"recalls value {index}, which it never memorised");
        Push(value);
    }

    private void Push(object? value)
    {
        Require(_stack.Count < MaximumStack, $"stacks more than {MaximumStack} values");
        _stack.Add(value);
    }

    private object? Peek()
    {
        RequireValues(1);
        return _stack[^1];
    }

    private object? Pop() => PopMany(1)[0];

    private object?[] PopMany(int count)
    {
        RequireValues(count);
        return Cut(_stack.Count - count);
    }

    private object?[] PopToMark()
    {
        Require(_marks.Count > 0, "closes a group that it never opened");
        return Cut(_marks.Pop());
    }

    private object?[] Cut(int start)
    {
        var values = _stack.GetRange(start, _stack.Count - start).ToArray();
        _stack.RemoveRange(start, values.Length);
        return values;
    }

    // Values below an open mark belong to the group around it.
    private void RequireValues(int count) =>
        Require(_stack.Count - (_marks.TryPeek(out var mark) ? mark : 0) >= count, "takes a value where there is none");

    private static string Describe(object? value) => value as PickleGlobal is { } global ? global.ToString() : "something that is no name";

    private readonly void Require(bool holds, string finding)
    {
        if (!holds)
        {
            throw _input.Refusal(finding);
        }
    }
}
