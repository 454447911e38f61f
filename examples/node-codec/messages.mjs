/**
 * DataFusion's messages from a plan or an expression down to its calls.
 *
 * A line is a message: its name and, by number, the type of its fields. A type is another
 * message of the table, `text` or `bytes`; with an exclamation mark the field must be there.
 * Of a message with an asterisk exactly one field is there. What is not listed leads to no
 * call: numbers, types, schemas, and what newer releases have added.
 */
const TABLE = `
expr*           1:column 2:alias 3:scalar 4:binary 6:wrapped 7:wrapped 8:wrapped 9:between
                10:case 11:wrapped 13:wrapped 14:inList 15:wildcard 17:wrapped 18:windowCall
                19:aggregateCall 20:scalarCall 22:sets 23:exprs 24:exprs 25:wrapped 26:wrapped
                27:wrapped 28:wrapped 29:wrapped 30:wrapped 31:like 32:like 33:like
                34:placeholder 35:exprs
column          1:text
alias           1:expr! 2:text
scalar          2:text 3:text 16:nested 17:nested 18:nested 22:bytes 23:text 28:bytes 29:bytes
                32:nested 34:fixedSize 41:nested
nested          1:bytes 2:bytes
fixedSize       1:bytes
binary          1:expr! 3:text!
wrapped         1:expr!
exprs           1:expr
sets            1:exprs
between         1:expr! 3:expr! 4:expr!
case            1:expr 2:whenThen! 3:expr
whenThen        1:expr! 2:expr!
inList          1:expr! 2:expr
wildcard
like            2:expr! 3:expr! 4:text
placeholder     1:text
sortExpr        1:expr!
sortExprs       1:sortExpr
scalarCall      1:text 2:expr 3:bytes
aggregateCall   1:text 2:expr 3:expr 4:sortExpr 6:bytes
windowCall      3:text 4:expr 5:expr 6:sortExpr 9:text 10:bytes 13:expr

plan*           1:listingScan 3:projection 4:selection 5:input 6:aggregate 7:join 8:sort
                9:repartition 10:emptyRelation 12:input 13:window 14:input 15:pair 16:values
                17:extension 19:inputs 21:input 23:input 24:viewScan 25:customScan 26:prepare
                28:distinctOn 29:copyTo 30:input 31:recursive 32:workTable 33:dml
input           1:plan!
inputs          1:plan
pair            1:plan! 2:plan!
listingScan     2:text 3:text 6:expr 13:sortExprs
projection      1:plan! 2:expr 3:text
selection       1:plan! 2:expr!
aggregate       1:plan! 2:expr 3:expr
join            1:plan! 2:plan! 5:expr 6:expr 8:expr
sort            1:plan! 2:sortExpr
repartition     1:plan! 3:hash
hash            1:expr
emptyRelation
window          1:plan! 2:expr
values          2:expr
extension       1:bytes 2:plan
viewScan        2:plan! 5:text
customScan      4:expr 5:bytes
prepare         1:text 3:plan!
distinctOn      1:expr 2:expr 3:sortExpr 4:plan!
copyTo          1:plan! 2:text 3:bytes
recursive       1:text 2:plan! 3:plan!
workTable       1:text
dml             2:plan! 5:plan

pExpr*          1:column 2:scalar 3:pBinary 4:pAggregateCall 5:pWrapped 6:pWrapped 7:pWrapped
                8:pCase 9:pWrapped 10:pWrapped 11:pWrapped 12:pInList 14:pWrapped
                15:pWindowCall 16:pScalarCall 18:pLike 19:pExtension 20:column
pWrapped        1:pExpr!
pWrappedAll     1:pWrapped
pBinary         1:pExpr 2:pExpr 3:text! 4:pExpr
pCase           1:pExpr 2:pWhenThen! 3:pExpr
pWhenThen       1:pExpr! 2:pExpr!
pInList         1:pExpr! 2:pExpr
pLike           3:pExpr! 4:pExpr!
pExtension      1:bytes 2:pExpr
pScalarCall     1:text 2:pExpr 3:bytes 6:text
pAggregateCall  2:pExpr 4:text 5:pWrapped 7:bytes 8:text
pWindowCall     3:text 4:pExpr 5:pExpr 6:pWrapped 8:text 9:bytes 10:text

pPlan*          1:pParquet 2:pScan 3:pRows 4:pProjection 6:pInput 7:pInput 8:pAggregate 9:pHashJoin
                10:pSort 11:pInput 12:pFilter 13:pInput 14:pRepartition 15:pWindow 16:pPair
                17:pScan 18:pPlanExtension 19:pInputs 21:pSort 22:pLoopJoin 23:pAnalyze
                25:pHashJoin 26:pInputs 27:pRows 30:pInput 31:pScan 32:pInput 33:pRows
                34:pMergeJoin 35:pMemory
pInput          1:pPlan!
pInputs         1:pPlan
pPair           1:pPlan! 2:pPlan!
pRows
pParquet        1:pScanConf! 3:pExpr
pScan           1:pScanConf! 3:text 4:text 5:text 6:text
pScanConf       8:text 9:pWrappedAll 13:pProjections
pProjections    1:pProjected
pProjected      1:text 2:pExpr!
pProjection     1:pPlan! 2:pExpr 3:text
pAggregate      1:pExpr 2:pExpr 4:pPlan! 5:text 6:text 8:pExpr 10:pMaybe
pMaybe          1:pExpr
pHashJoin       1:pPlan! 2:pPlan! 3:pOn 8:pJoinFilter 9:pWrapped 10:pWrapped
pLoopJoin       1:pPlan! 2:pPlan! 4:pJoinFilter
pMergeJoin      1:pPlan! 2:pPlan! 3:pOn 5:pJoinFilter
pOn             1:pExpr! 2:pExpr!
pJoinFilter     1:pExpr!
pSort           1:pPlan! 2:pExpr
pFilter         1:pPlan! 2:pExpr!
pRepartition    1:pPlan! 5:pPartitioning
pPartitioning   2:pHash
pHash           1:pExpr
pWindow         1:pPlan! 2:pWindowCall 5:pExpr
pPlanExtension  1:bytes 2:pPlan
pAnalyze        3:pPlan!
pMemory         1:bytes 4:pWrappedAll
`;

/** The messages by name: their fields by number, those that must be there, and the choices. */
export const MESSAGES = new Map();
for (const line of TABLE.trim().split(/\n+(?=\S)/)) {
  const [name, ...listed] = line.split(/\s+/);
  const fields = listed.map((field) => {
    const [number, type] = field.split(":");
    return { number: Number(number), type: type.replace("!", ""), isRequired: type.endsWith("!") };
  });
  MESSAGES.set(name.replace("*", ""), {
    types: new Map(fields.map(({ number, type }) => [number, type])),
    required: fields.filter((field) => field.isRequired).map(({ number }) => number),
    isChoice: name.endsWith("*"),
  });
}

/** The message of each artifact. */
export const ROOTS = { expression: "expr", logical: "plan", physical: "pPlan" };

/**
 * The messages that call a function: the fields of its name, by the family of the function,
 * and the field of its definition.
 */
export const CALLS = {
  scalarCall: { names: { 1: "scalar" }, definition: 3 },
  aggregateCall: { names: { 1: "aggregate" }, definition: 6 },
  windowCall: { names: { 3: "aggregate", 9: "window" }, definition: 10 },
  pScalarCall: { names: { 1: "scalar" }, definition: 3 },
  pAggregateCall: { names: { 4: "aggregate" }, definition: 7 },
  pWindowCall: { names: { 3: "aggregate", 10: "window" }, definition: 9 },
};
